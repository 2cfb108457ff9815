"""Run the command line: `python -m omni`."""

from omni.app.cli import main

main()
