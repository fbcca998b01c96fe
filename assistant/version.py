"""The version of the product, part of every JSON answer."""

VERSION = "0.1.0"
