import asyncio

from telemetry import BASE_URL, MODEL, QUESTION, finish, start, weather

provider = start()
from agent_framework import Agent
from agent_framework.observability import enable_instrumentation
from agent_framework.openai import OpenAIChatCompletionClient

enable_instrumentation(enable_sensitive_data=True)


async def main():
    client = OpenAIChatCompletionClient(model=MODEL, base_url=BASE_URL, api_key="none")
    agent = Agent(client=client, name="assistant", instructions="You are an assistant.", tools=[weather])
    await agent.run(QUESTION)


asyncio.run(main())
finish(provider)
