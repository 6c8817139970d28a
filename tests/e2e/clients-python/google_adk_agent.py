import asyncio

from telemetry import BASE_URL, MODEL, QUESTION, SESSION, USER, finish, start, weather

provider = start()

from google.adk.agents import LlmAgent
from google.adk.models.lite_llm import LiteLlm
from google.adk.runners import InMemoryRunner
from google.genai import types


async def main():
    agent = LlmAgent(name="assistant", instruction="You are an assistant.", tools=[weather],
                     model=LiteLlm(model="openai/" + MODEL, api_base=BASE_URL, api_key="none"))
    runner = InMemoryRunner(agent=agent, app_name="app")
    await runner.session_service.create_session(app_name="app", user_id=USER, session_id=SESSION)
    question = types.Content(role="user", parts=[types.Part(text=QUESTION)])
    async for _ in runner.run_async(user_id=USER, session_id=SESSION, new_message=question):
        pass


asyncio.run(main())
finish(provider)
