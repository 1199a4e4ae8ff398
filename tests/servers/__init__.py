"""Real servers for the tests, started on this machine and gone with the process that asked for them."""
