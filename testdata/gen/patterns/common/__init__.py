"""What the topics share."""
