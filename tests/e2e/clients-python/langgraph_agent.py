"""An agent of LangGraph, instrumented by OpenInference, by OpenLLMetry or by LangSmith itself."""
import os

from telemetry import BASE_URL, MODEL, QUESTION, SESSION, finish, start, weather

provider = start()
kind = os.environ["INSTRUMENTATION"]
if kind == "openinference":
    from openinference.instrumentation.langchain import LangChainInstrumentor
    LangChainInstrumentor().instrument(tracer_provider=provider)
elif kind == "traceloop":
    from opentelemetry.instrumentation.langchain import LangchainInstrumentor
    LangchainInstrumentor().instrument(tracer_provider=provider)
else:
    os.environ.update(LANGSMITH_TRACING="true", LANGSMITH_OTEL_ENABLED="true",
                      LANGSMITH_OTEL_ONLY="true", LANGSMITH_API_KEY="none",
                      LANGCHAIN_REVISION_ID="1")

from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

agent = create_agent(ChatOpenAI(model=MODEL, base_url=BASE_URL, api_key="none"), [tool(weather)],
                     name="assistant", system_prompt="You are an assistant.")
agent.invoke({"messages": [("user", QUESTION)]}, {"configurable": {"thread_id": SESSION},
                                                  "metadata": {"session_id": SESSION}})
if kind == "langsmith":
    from langsmith.run_trees import get_cached_client
    get_cached_client().flush()
finish(provider)
