.PHONY: test lint format build serve

test:
	python -m pytest

lint:
	ruff check .
	ruff format --check .
	mypy

format:
	ruff check --fix .
	ruff format .

build:
	python -m assistant build

serve:
	python app.py
