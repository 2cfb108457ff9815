"""Run the command line, as `omni` or `python -m omni`, with the compiled engine if there is one."""

from omni import compiled

compiled.prefer()

from omni.app.cli import main  # noqa: E402  (imports the engine)

if __name__ == "__main__":
    main()
