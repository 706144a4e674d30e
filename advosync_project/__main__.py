"""`python -m advosync_project COMMAND`: the same as `advosync COMMAND`."""

from advosync_project.command import main

if __name__ == "__main__":
    main()
