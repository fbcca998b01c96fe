"""How fast and how large the assistant is, beside plain sentence-transformers with FAISS."""
