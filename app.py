"""Starts the web chat: builds the index first if there is none, then prints the address and serves."""

if __name__ == "__main__":
    from assistant.cli import main

    main(["serve"], prog_name="python app.py")
