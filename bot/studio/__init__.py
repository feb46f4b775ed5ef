"""Teaching the model: what was misread, the data, training and publishing."""
