"""What is taught: the queue of misread messages, and every revision of the training data."""
