"""What a column might mean, told by its name, type, checks and neighbours. No data is read and nothing is asked of anyone."""
