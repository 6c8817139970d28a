from pydantic_ai import Agent
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

import os
from telemetry import BASE_URL, MODEL, QUESTION, finish, start, weather

provider = start()
version = os.environ.get("PYDANTIC_AI_INSTRUMENTATION")
settings = InstrumentationSettings(tracer_provider=provider, **({"version": int(version)} if version else {}))
agent = Agent(OpenAIChatModel(MODEL, provider=OpenAIProvider(base_url=BASE_URL, api_key="none")),
              name="assistant", instructions="You are an assistant.", tools=[weather], capabilities=[])
Agent.instrument_all(settings)
agent.run_sync(QUESTION)
finish(provider)
