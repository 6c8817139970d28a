#include "semconv/table.h"

// Model Context Protocol: a call is one tool call, whoever else traces it as well.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kMethods[] = {
    {"tools/call", Op::kTool},
};

constexpr Row kRows[] = {
    {"mcp.method.name", Field::kOp, 60, Convert::kOp, kMethods},
    {"mcp.request.argument", Field::kToolArguments, 50, Convert::kJson},
    {"mcp.response.value", Field::kToolResult, 50, Convert::kJson},
    {"mcp.session.id", Field::kIgnored, 0},
    {"mcp.protocol.version", Field::kIgnored, 0},
    {"mcp.resource.uri", Field::kIgnored, 0},
    {"mcp.request.id", Field::kIgnored, 0},
};

constexpr ScopeRow kScopes[] = {
    {"opentelemetry.instrumentation.mcp"},
    {"openinference.instrumentation.mcp"},
};

}  // namespace

const Dialect kMcp{model::Dialect::kMcp, kRows, {}, {}, kScopes};

}  // namespace ao::semconv
