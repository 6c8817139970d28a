#include "semconv/table.h"

// Attributes of general OpenTelemetry conventions that say something about a run.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kVectorDatabases[] = {
    {"chroma", Op::kRetrieval},  {"chromadb", Op::kRetrieval}, {"pinecone", Op::kRetrieval},
    {"qdrant", Op::kRetrieval},  {"weaviate", Op::kRetrieval}, {"milvus", Op::kRetrieval},
    {"lancedb", Op::kRetrieval}, {"marqo", Op::kRetrieval},    {"pgvector", Op::kRetrieval},
};

constexpr Row kRows[] = {
    {"db.system", Field::kOp, 70, Convert::kOp, kVectorDatabases},
    {"db.system.name", Field::kOp, 70, Convert::kOp, kVectorDatabases},
    {"error.type", Field::kErrorType, 10},
    {"observatory.derived_from", Field::kIgnored, 0},
    {"session.id", Field::kSession, 20},
    {"user.id", Field::kUser, 20},
    {"enduser.id", Field::kUser, 30},
};

}  // namespace

const Dialect kGeneral{model::Dialect::kGeneral, kRows};

}  // namespace ao::semconv
