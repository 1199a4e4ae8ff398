"""The command line. Commands are imported when they are called: `--help` imports Click and nothing else."""
