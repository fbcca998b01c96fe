"""The commands that keep the articles and the index, one file each subject."""
