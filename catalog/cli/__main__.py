"""`python -m catalog.cli`: the command line without the installed script."""

from catalog.cli.main import main

main()
