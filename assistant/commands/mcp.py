"""`mcp`: the articles as a tool for other assistants, so that they quote instead of inventing."""

import logging
from typing import TYPE_CHECKING, Annotated

import click

from assistant.commands.indexes import progress_bar
from assistant.errors import AssistantError, SettingsError
from assistant.messages import MCP, SERVER
from assistant.settings import read_settings
from assistant.version import VERSION

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from assistant.web.turns import Asked

log = logging.getLogger(__name__)


@click.command("mcp")
def mcp_command() -> None:
    """Serve the tool ask_articles over standard input and output (Model Context Protocol).

    Needs requirements-mcp.txt. Builds the index first if there is none.
    """
    from assistant.serving import open_live
    from assistant.web.turns import TakingTurns

    settings = read_settings()
    refuse_without_mcp()
    live = open_live(settings, progress_bar, lambda message: click.echo(message, err=True))
    live.watch()
    tool_server(TakingTurns(live, settings.region)).run("stdio")


def refuse_without_mcp() -> None:
    """Raises `SettingsError` if the optional package is not there."""
    try:
        import mcp  # noqa: F401
    except ImportError as error:
        raise SettingsError(MCP["not_installed"]) from error


def tool_server(assistant: "Asked") -> "MCPServer":
    """A server with the one tool `ask_articles`: text for people, and the JSON contract for programs."""
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp.types import CallToolResult, TextContent, ToolAnnotations
    from pydantic import Field

    from assistant.contract import answer_as_dict
    from assistant.plain_text import answer_as_text
    from assistant.schema import AnswerBody
    from assistant.web.faults import place_of

    # Louder, it would write what was asked into its log.
    server = MCPServer("verbatim-assistant", title=MCP["title"], version=VERSION, log_level="CRITICAL")

    def ask_articles(
        question: Annotated[str, Field(description=MCP["question"])],
    ) -> Annotated[CallToolResult, AnswerBody]:
        try:
            answer = assistant.ask(question)
        except AssistantError as error:
            raise ToolError(str(error)) from None
        except Exception as error:  # noqa: BLE001
            log.error("%s while answering, at %s", type(error).__name__, place_of(error))
            raise ToolError(SERVER["broken"]) from None
        text = TextContent(type="text", text=answer_as_text(answer))
        return CallToolResult(content=[text], structured_content=answer_as_dict(answer))

    server.add_tool(
        ask_articles,
        description=MCP["tool"],
        annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
    )
    return server
