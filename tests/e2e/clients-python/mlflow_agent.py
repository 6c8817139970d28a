"""MLflow's tracing, with spans of its own types, exported over OTLP."""
import json
import os
import tempfile

os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = os.environ.pop("OTEL_EXPORTER_OTLP_ENDPOINT") + "/v1/traces"
os.environ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf"
os.environ["MLFLOW_TRACKING_URI"] = "file:" + tempfile.mkdtemp()

import mlflow
from mlflow.entities import SpanType
from openai import OpenAI
from telemetry import BASE_URL, MODEL, QUESTION, SESSION, USER, weather

client = OpenAI(base_url=BASE_URL, api_key="none")
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}}}}


def chat(messages):
    with mlflow.start_span("chat", span_type=SpanType.CHAT_MODEL) as span:
        span.set_inputs({"messages": messages, "model": MODEL})
        answer = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL])
        span.set_outputs(answer.model_dump())
        span.set_attribute("mlflow.chat.tokenUsage", {
            "input_tokens": answer.usage.prompt_tokens, "output_tokens": answer.usage.completion_tokens,
            "total_tokens": answer.usage.total_tokens})
        span.set_attribute("mlflow.llm.model", MODEL)
        span.set_attribute("mlflow.llm.provider", "openai")
        return answer.choices[0].message


with mlflow.start_span("assistant", span_type=SpanType.AGENT) as root:
    mlflow.update_current_trace(metadata={"mlflow.trace.session": SESSION, "mlflow.trace.user": USER})
    root.set_inputs({"question": QUESTION})
    messages = [{"role": "user", "content": QUESTION}]
    while True:
        message = chat(messages)
        if not message.tool_calls:
            break
        messages.append(message.model_dump(exclude_none=True))
        for call in message.tool_calls:
            with mlflow.start_span(call.function.name, span_type=SpanType.TOOL) as span:
                arguments = json.loads(call.function.arguments)
                span.set_inputs(arguments)
                result = weather(**arguments)
                span.set_outputs(result)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    root.set_outputs({"answer": message.content})
mlflow.flush_trace_async_logging()
