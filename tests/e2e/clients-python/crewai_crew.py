"""A crew of one agent, instrumented by OpenInference or by OpenLLMetry."""
import os

os.environ.update(CREWAI_DISABLE_TELEMETRY="true", CREWAI_TRACING_ENABLED="false", OTEL_SDK_DISABLED="false")
from telemetry import BASE_URL, MODEL, QUESTION, finish, start, weather

provider = start()
from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool

if os.environ["INSTRUMENTATION"] == "openinference":
    from openinference.instrumentation.crewai import CrewAIInstrumentor
    from openinference.instrumentation.openai import OpenAIInstrumentor
    OpenAIInstrumentor().instrument(tracer_provider=provider)
else:
    from opentelemetry.instrumentation.crewai import CrewAIInstrumentor
CrewAIInstrumentor().instrument(tracer_provider=provider)
agent = Agent(role="Forecaster", goal="Tell the weather", backstory="You watch the sky.",
              tools=[tool("weather")(weather)], llm=LLM(model="openai/" + MODEL, base_url=BASE_URL, api_key="none"))
task = Task(description=QUESTION, expected_output="One sentence", agent=agent)
Crew(agents=[agent], tasks=[task]).kickoff()
finish(provider)
