"""What happens to the reviews over time: series, surges, their causes, alerts and forecasts."""
