"""The glossary: terms, what they are tied to, and files of terms."""
