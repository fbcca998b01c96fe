"""From any document to canonical text: one file a format, each parsed in a child process within limits."""
