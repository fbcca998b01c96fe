"""The part of the settings that says where the Milvus server is, if vectors are searched by one."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from assistant.setting_kinds import Secret, one_of, path, secret, setting, text

MilvusIndex = Literal["FLAT", "HNSW"]

_URI = r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9_]+)?/?"


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """A Milvus server, how to be let in, and how the names of our collections begin.

    `index` is how Milvus searches: FLAT compares every row, HNSW is approximate and needs no more than a
    fraction of the time.
    """

    uri: str
    token: Secret | None = None
    ca_file: Path | None = None
    server_name: str = ""
    prefix: str = "verbatim"
    index: MilvusIndex = "FLAT"


def _uri(value: object) -> str:
    uri = text()(value)
    if uri and not re.fullmatch(_URI, uri):
        raise ValueError(
            "must be like http://127.0.0.1:19530 or https://milvus.example.org:19530/DATABASE, without a "
            "name or password, which belong into ASSISTANT_MILVUS_TOKEN"
        )
    # pymilvus would start a server of its own for the one, and ask further servers about the other.
    if uri.endswith(".db") or "global-cluster" in uri.lower():
        raise ValueError("must name one server: neither a file ending in .db nor a global cluster")
    return uri


def _file(value: object) -> Path | None:
    file = None if value is None else path(value)
    if file is not None and not file.is_file():
        raise ValueError(f"there is no file {file}")
    return file


@dataclass(frozen=True, init=False)
class MilvusSettings:
    """`Settings` for `store` = milvus. For any other, all but prefix and kind of index are refused."""

    milvus_uri: str = setting(
        _uri, "", "The Milvus server, and after a slash its database, such as https://milvus:19530."
    )
    milvus_token: Secret | None = setting(secret(), None, "Lets us in: a key, or NAME:PASSWORD.")
    milvus_ca_file: Path | None = setting(
        _file, None, "PEM file of the authority that signed the server's certificate."
    )
    milvus_server_name: str = setting(
        text(), "", "The name in the certificate, if it is not that in the URI."
    )
    milvus_prefix: str = setting(
        text(r"[A-Za-z][A-Za-z0-9_]{0,39}"),
        "verbatim",
        "How the names of our collections begin; each index folder needs its own.",
    )
    milvus_index: MilvusIndex = setting(
        one_of("FLAT", "HNSW"),
        "FLAT",
        "FLAT: exact; HNSW: approximate, for more rows than can be compared in time.",
    )

    def refuse_milvus_mixture(self, store: str) -> None:
        """Raises `ValueError` for settings that do not go together."""
        if store == "milvus" and not self.milvus_uri:
            raise ValueError(
                "ASSISTANT_STORE=milvus needs ASSISTANT_MILVUS_URI, such as http://127.0.0.1:19530"
            )
        if store != "milvus" and (self.milvus_uri or self.milvus_token):
            raise ValueError(
                "ASSISTANT_MILVUS_URI and ASSISTANT_MILVUS_TOKEN are for ASSISTANT_STORE=milvus only: set that, "
                "or leave them out"
            )
        if self.milvus_uri.startswith("https:"):
            return
        if self.milvus_ca_file or self.milvus_server_name:
            raise ValueError(
                "ASSISTANT_MILVUS_CA_FILE and ASSISTANT_MILVUS_SERVER_NAME need an ASSISTANT_MILVUS_URI that "
                "begins with https://"
            )
        if self.milvus_token and not _is_this_machine(self.milvus_uri):
            raise ValueError(
                "ASSISTANT_MILVUS_TOKEN would cross the network for all to read: let ASSISTANT_MILVUS_URI begin "
                "with https://"
            )

    @property
    def milvus(self) -> MilvusAddress:
        """All of them together."""
        return MilvusAddress(
            self.milvus_uri,
            self.milvus_token,
            self.milvus_ca_file,
            self.milvus_server_name,
            self.milvus_prefix,
            self.milvus_index,
        )


def _is_this_machine(uri: str) -> bool:
    host = urlsplit(uri).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
