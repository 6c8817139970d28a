"""What the recorded Python clients share: one exporter that sends one request, seeded ids, and the
little conversation of ../clients/scenario.mjs."""
import os
import random

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator

QUESTION = "weather in Oslo"
MODEL = "small-1"
BASE_URL = os.environ["OPENAI_BASE_URL"]
SESSION = "session-1"
USER = "user-1"


def weather(city: str) -> str:
    """The weather in a city."""
    return '{"city": "%s", "sky": "rain", "celsius": 7}' % city


class SeededIds(IdGenerator):
    def __init__(self, seed):
        self._random = random.Random(seed)

    def generate_span_id(self):
        return self._random.getrandbits(64) or 1

    def generate_trace_id(self):
        return self._random.getrandbits(128) or 1


def start():
    """The global provider; flushed as one request by `finish`."""
    name = os.environ["OTEL_SERVICE_NAME"]
    provider = TracerProvider(
        resource=Resource({"service.name": name}), id_generator=SeededIds(name), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(
        OTLPSpanExporter(), max_queue_size=4096, max_export_batch_size=4096,
        schedule_delay_millis=600_000))
    trace.set_tracer_provider(provider)
    return provider


def finish(provider):
    provider.shutdown()
    os._exit(0)  # some libraries keep threads
