"""A tool call over MCP's stdio transport, client and server in one trace, instrumented by OpenLLMetry."""
import asyncio
import sys

from telemetry import finish, start, weather

provider = start()
from opentelemetry.instrumentation.mcp import McpInstrumentor

McpInstrumentor().instrument(tracer_provider=provider)
if "serve" in sys.argv:
    from mcp.server.fastmcp import FastMCP
    server = FastMCP("weather")
    server.tool()(weather)
    server.run()
    finish(provider)

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main():
    import os
    environment = {**os.environ, "OTEL_SERVICE_NAME": "mcp-server"}
    async with stdio_client(StdioServerParameters(
            command=sys.executable, args=[__file__, "serve"], env=environment)) as (read, write):
        async with ClientSession(read, write) as session:
            await session.initialize()
            await session.call_tool("weather", {"city": "Oslo"})


asyncio.run(main())
finish(provider)
