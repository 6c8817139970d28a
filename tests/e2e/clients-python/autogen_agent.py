import asyncio

from telemetry import BASE_URL, MODEL, QUESTION, finish, start, weather

provider = start()
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import SingleThreadedAgentRuntime
from autogen_ext.models.openai import OpenAIChatCompletionClient


async def main():
    client = OpenAIChatCompletionClient(
        model=MODEL, base_url=BASE_URL, api_key="none",
        model_info={"vision": False, "function_calling": True, "json_output": False, "family": "unknown",
                    "structured_output": False})
    agent = AssistantAgent("assistant", client, tools=[weather], reflect_on_tool_use=True)
    runtime = SingleThreadedAgentRuntime(tracer_provider=provider)
    runtime.start()
    team = RoundRobinGroupChat([agent], termination_condition=MaxMessageTermination(2), runtime=runtime)
    await team.run(task=QUESTION)
    await runtime.stop()


asyncio.run(main())
finish(provider)
