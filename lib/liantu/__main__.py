"""`python -m liantu` is the command `liantu`."""

from liantu.cli import main

if __name__ == "__main__":
    main()
