import asyncio
import os

os.environ["SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS"] = "true"
os.environ["SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS_SENSITIVE"] = "true"
from openai import AsyncOpenAI
from telemetry import BASE_URL, MODEL, QUESTION, finish, start, weather

provider = start()
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion
from semantic_kernel.functions import kernel_function


class Weather:
    @kernel_function(name="weather", description="The weather in a city")
    def weather(self, city: str) -> str:
        return weather(city)


async def main():
    client = AsyncOpenAI(base_url=BASE_URL, api_key="none")
    agent = ChatCompletionAgent(name="assistant", instructions="You are an assistant.", plugins=[Weather()],
                                service=OpenAIChatCompletion(ai_model_id=MODEL, async_client=client))
    await agent.get_response(messages=QUESTION)


asyncio.run(main())
finish(provider)
