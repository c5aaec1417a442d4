"""What a user or a group will like: recommenders behind one contract, and why."""
