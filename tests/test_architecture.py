"""Imports point one way, and heavy libraries stay in their own place."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from assistant.settings import ROOT

LAYERS = [
    {"messages", "errors", "version", "setting_kinds"},
    {"milvus_settings"},
    {"types", "settings", "questions"},
    set(),  # the parts: every module and folder that is not named here
    {"index"},
    {"evidence", "reusing", "accounting", "encoding"},
    {"notices"},
    {"building", "ensuring", "checking", "listing", "answering", "articles"},
    {"serving"},
    {"web"},
    {"commands"},
    {"cli"},
    {"__main__", "__init__"},
]
PARTS = 3
OWN_PLACE = {
    "faiss": {"stores"},
    "pymilvus": {"stores"},
    "milvus_lite": set(),
    "grpc": {"stores"},
    "sentence_transformers": {"encoder"},
    "transformers": {"encoder"},
    "torch": {"encoder"},
    "onnx": {"encoder"},
    "onnxruntime": {"encoder", "reader", "safety"},
    "tokenizers": {"encoder", "reader", "safety", "word_pieces"},
    "gradio": {"web"},
    "fastapi": {"web"},
    "starlette": {"web"},
    "uvicorn": {"web"},
    "jinja2": {"web"},
    "prometheus_client": {"web"},
    "mcp": {"commands"},
    "click": {"cli", "commands", "web"},
    "selectolax": {"ingest"},
    "mammoth": {"ingest"},
    "pypdfium2": {"ingest"},
    "markdown_it": {"ingest"},
    "tomlkit": {"library"},
    "watchfiles": {"commands"},
    "pickle": set(),
    "requests": set(),
}


def modules():
    for path in sorted((ROOT / "assistant").rglob("*.py")):
        yield path.relative_to(ROOT / "assistant").parts[0].removesuffix(".py"), path


def imported(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports inside the package are absolute"
            yield node.module
            if node.module == "assistant":
                yield from (f"assistant.{alias.name}" for alias in node.names)


def imported_at_once(path: Path):
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def layer(part: str) -> int:
    return next((number for number, names in enumerate(LAYERS) if part in names), PARTS)


def part_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


@pytest.mark.parametrize(("part", "path"), list(modules()), ids=lambda value: getattr(value, "name", value))
def test_imports_point_down(part, path):
    for module in imported(path):
        if module.split(".")[0] == "assistant" and part != "__init__":
            other = part_of(module)
            assert other != "__init__", f"{path} imports the package itself"
            assert layer(other) <= layer(part), f"{path} imports {module}"


def test_no_circles():
    graph = {}
    for part, path in modules():
        if part != "__init__":
            own = (module for module in imported(path) if module.startswith("assistant."))
            graph.setdefault(part, set()).update({part_of(module) for module in own} - {part})
    list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize(("part", "path"), list(modules()), ids=lambda value: getattr(value, "name", value))
def test_heavy_libraries_stay_in_their_place(part, path):
    for module in imported(path):
        top = module.split(".")[0]
        assert part in OWN_PLACE.get(top, {part}), f"{path} imports {module}"
        assert top not in {"evaluation", "tests", "app"}, f"{path} imports {module}"


def test_the_client_of_milvus_is_imported_only_where_it_is_used_and_late():
    for _, path in modules():
        tops = {module.split(".")[0] for module in imported(path)}
        at_once = {module.split(".")[0] for module in imported_at_once(path)}
        assert path.name == "milvus_server.py" or not tops & {"pymilvus", "grpc"}, f"{path} imports pymilvus"
        assert not at_once & {"pymilvus", "grpc"}, f"{path} imports pymilvus before it is used"


def test_importing_the_package_does_no_work():
    code = (
        "import sys, assistant\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'torch', 'gradio', 'faiss', 'numpy', 'transformers', 'pydantic'}))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert result.stdout.strip() == b"[]"


def test_app_only_starts_the_web_chat():
    tree = ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))
    assert not [node for node in tree.body if isinstance(node, ast.ClassDef | ast.For | ast.With)]
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 30


@pytest.mark.parametrize("folder", ["assistant", "evaluation", "tests", "tools", "training"])
def test_nothing_is_forked_from_a_process_that_may_have_threads(folder):
    # A child waits forever for a lock that a thread it does not have held when it was forked.
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {"os.fork", "os.forkpty", "pty.fork", "pty.spawn"}, path
                assert not any(keyword.arg == "preexec_fn" for keyword in node.keywords), path
                if called.endswith(("get_context", "set_start_method")):
                    assert ast.unparse(node.args[0]) == "'forkserver'", path
