"""The service desk: past questions with answers, what a message asks, and how urgent it is."""
