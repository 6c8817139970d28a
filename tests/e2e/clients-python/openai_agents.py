"""The OpenAI Agents SDK with a hand-off, instrumented by OpenInference or by OpenLLMetry."""
import os

from agents import Agent, Runner, function_tool, set_default_openai_api
from telemetry import MODEL, QUESTION, finish, start, weather

provider = start()
if os.environ["INSTRUMENTATION"] == "openinference":
    from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor
else:
    from opentelemetry.instrumentation.openai_agents import OpenAIAgentsInstrumentor
OpenAIAgentsInstrumentor().instrument(tracer_provider=provider)
set_default_openai_api("chat_completions")
agent = Agent(name="assistant", instructions="You are an assistant.", model=MODEL,
              tools=[function_tool(weather)])
Runner.run_sync(agent, QUESTION)
finish(provider)
