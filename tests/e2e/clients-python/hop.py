"""The same service as ../clients-cpp/hop.cc, with the OpenTelemetry SDK of Python."""
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry import baggage, context, propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider(resource=Resource.create({"service.name": "hop-python"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("hop")


def line():
    span = trace.get_current_span().get_span_context()
    return (f"python {trace.format_trace_id(span.trace_id)} {baggage.get_baggage('user.id') or ''} "
            f"{span.trace_state.to_header()}\n")


def forward(way):
    if not way:
        return ""
    url, _, rest = way.partition(" ")
    with tracer.start_as_current_span("ask", kind=trace.SpanKind.CLIENT):
        headers = {"content-type": "text/plain"}
        propagate.inject(headers)
        request = urllib.request.Request(url, rest.encode(), headers, method="POST")
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()


class Hop(BaseHTTPRequestHandler):
    def do_POST(self):
        way = self.rfile.read(int(self.headers["content-length"])).decode()
        token = context.attach(propagate.extract(dict(self.headers.items())))
        with tracer.start_as_current_span("hop-python", kind=trace.SpanKind.SERVER):
            body = (line() + forward(way)).encode()
        context.detach(token)
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hop)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    server.shutdown()


def start(way):
    context.attach(baggage.set_baggage("user.id", "grüße=u-1"))
    with tracer.start_as_current_span("root"):
        print(line() + forward(way), end="")


serve() if sys.argv[1] == "serve" else start(" ".join(sys.argv[2:]))
provider.shutdown()
