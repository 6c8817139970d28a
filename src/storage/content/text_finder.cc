#include "storage/content/text_finder.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/hash_map.h"

// How a search avoids reading texts. The word index of a file says which blocks may hold which
// words of the pattern; blocks that lack one are never read. A block is read once, and what was
// found in its pieces is noted. A text matches when its parent does or its last piece does, so a
// conversation of n turns costs n pieces, not n texts. Where a match may begin in one piece and
// end in another (TextPattern::may_cross_pieces), the text itself is read, but only when its
// pieces together may hold every word.

namespace ao::storage {
namespace {

// A day in which no more blocks than these are candidates is decided at once.
constexpr size_t kFewBlocks = 64;
// Records of files that are kept in memory, together.
constexpr size_t kMaxLoadedBytes = 512 << 20;

enum class Verdict : uint8_t { kOpen, kNo, kYes };

struct State {
  Verdict verdict = Verdict::kOpen;
  uint32_t words = 0;  // that the text may hold; when it may cross pieces
};

template <typename T>
std::optional<uint32_t> Locate(const std::vector<T>& sorted, const ContentAddress& address) {
  if (sorted.empty()) return {};
  // Addresses are hashes: their place follows from their value, but for a few hundred records.
  const size_t guess =
      static_cast<size_t>(static_cast<unsigned __int128>(address.high) * sorted.size() >> 64);
  size_t low = guess, high = guess, step = 16;
  while (low > 0 && address < sorted[low].address) low -= std::min(low, step), step *= 2;
  for (step = 16; high < sorted.size() && sorted[high].address < address; step *= 2) {
    high = std::min(sorted.size(), high + step);
  }
  const auto end = sorted.begin() + static_cast<ptrdiff_t>(std::min(sorted.size(), high + 1));
  const auto it = std::lower_bound(
      sorted.begin() + static_cast<ptrdiff_t>(low), end, address,
      [](const T& record, const ContentAddress& key) { return record.address < key; });
  if (it == end || it->address != address) return {};
  return static_cast<uint32_t>(it - sorted.begin());
}

// What the search knows of one file.
class SearchedFile {
 public:
  SearchedFile(std::shared_ptr<ContentFileReader> reader, const TextPattern& pattern)
      : reader_(std::move(reader)), pattern_(pattern) {}

  Status Open(uint32_t all_words) {
    all_words_ = all_words;
    AO_ASSIGN_OR_RETURN(filter_, reader_->Filter());
    AO_ASSIGN_OR_RETURN(words_, reader_->WordsOfBlocks(pattern_.words()));
    decided_.resize(words_.size());
    for (const uint32_t words : words_) any_words_ |= words;
    is_wanted_ = candidates() > 0 || (pattern_.may_cross_pieces() && any_words_ != 0);
    return OkStatus();
  }

  const ContentFileReader& reader() const { return *reader_; }
  uint32_t any_words() const { return any_words_; }
  size_t candidates() const {
    return static_cast<size_t>(std::count(words_.begin(), words_.end(), all_words_));
  }

  // Decides every candidate block; is there a match in one?
  Result<bool> DecideAll() {
    for (uint32_t block = 0; block < words_.size(); ++block) AO_TRY(Decide(block));
    return any_match_;
  }

  bool MayHold(const ContentAddress& address) const { return filter_->MayContain(address); }

  Result<std::optional<uint32_t>> FindNode(const ContentAddress& address) {
    AO_TRY(LoadNodes());
    return Locate(nodes_, address);
  }
  Result<std::optional<uint32_t>> FindPiece(const ContentAddress& address) {
    AO_TRY(LoadPieces());
    return Locate(pieces_, address);
  }
  // Of a record that Find* or a reference gave.
  Result<const NodeRecord*> NodeAt(uint32_t index) {
    AO_TRY(LoadNodes());
    if (index >= nodes_.size()) return reader_->Damaged("a reference points behind its nodes");
    return &nodes_[index];
  }
  State& StateOf(uint32_t node) { return states_[node]; }

  Result<State> PieceState(uint32_t index) {
    if (!is_wanted_) return State{Verdict::kNo, any_words_};
    AO_TRY(LoadPieces());
    if (index >= pieces_.size()) return reader_->Damaged("a reference points behind its pieces");
    const uint32_t block = pieces_[index].block;
    if (block >= words_.size()) return reader_->Damaged("a record points behind its blocks");
    AO_TRY(Decide(block));
    return State{matches_[index] ? Verdict::kYes : Verdict::kNo, words_[block]};
  }
  Result<ContentAddress> ExternalAt(uint32_t index) { return reader_->ExternalAt(index); }
  size_t loaded_bytes() const {
    return nodes_.size() * (sizeof(NodeRecord) + sizeof(State)) +
           pieces_.size() * (sizeof(PieceRecord) + sizeof(uint32_t));
  }

 private:
  Status LoadNodes() {
    if (nodes_loaded_) return OkStatus();
    AO_ASSIGN_OR_RETURN(nodes_, reader_->AllNodes());
    states_.resize(nodes_.size());
    nodes_loaded_ = true;
    return OkStatus();
  }
  Status LoadPieces() {
    if (pieces_loaded_) return OkStatus();
    AO_ASSIGN_OR_RETURN(pieces_, reader_->AllPieces());
    matches_.resize(pieces_.size());
    // The pieces of each block.
    first_of_.assign(words_.size() + 1, 0);
    for (const PieceRecord& piece : pieces_) {
      if (piece.block >= words_.size()) {
        return reader_->Damaged("a record points behind its blocks");
      }
      ++first_of_[piece.block + 1];
    }
    for (size_t b = 1; b < first_of_.size(); ++b) first_of_[b] += first_of_[b - 1];
    by_block_.resize(pieces_.size());
    std::vector<uint32_t> next(first_of_.begin(), first_of_.end() - 1);
    for (uint32_t i = 0; i < pieces_.size(); ++i) by_block_[next[pieces_[i].block]++] = i;
    pieces_loaded_ = true;
    return OkStatus();
  }

  Status Decide(uint32_t block) {
    if (decided_[block]) return OkStatus();
    if (words_[block] == all_words_) {
      AO_ASSIGN_OR_RETURN(const auto bytes, reader_->Block(block, false));
      if (pattern_.MayTouch(*bytes)) {
        AO_TRY(LoadPieces());
        for (uint32_t i = first_of_[block]; i < first_of_[block + 1]; ++i) {
          const PieceRecord& piece = pieces_[by_block_[i]];
          if (uint64_t{piece.offset} + piece.length > bytes->size()) {
            return reader_->Damaged("a piece reaches behind the end of its block");
          }
          const std::string_view text(bytes->data() + piece.offset, piece.length);
          if (!pattern_.Matches(text)) continue;
          matches_[by_block_[i]] = true;
          any_match_ = true;
        }
      }
    }
    decided_[block] = true;
    return OkStatus();
  }

  const std::shared_ptr<ContentFileReader> reader_;
  const TextPattern& pattern_;
  uint32_t all_words_ = 0, any_words_ = 0;
  std::shared_ptr<const AddressFilter> filter_;
  std::vector<uint32_t> words_;  // of each block
  std::vector<bool> decided_;    // blocks
  bool any_match_ = false;
  bool is_wanted_ = false;  // a piece may match, or be part of a match

  bool nodes_loaded_ = false, pieces_loaded_ = false;
  std::vector<NodeRecord> nodes_;
  std::vector<State> states_;
  std::vector<PieceRecord> pieces_;
  std::vector<bool> matches_;
  std::vector<uint32_t> first_of_, by_block_;
};

// All content of a day.
class SearchedDay {
 public:
  SearchedDay(Day day, const TextSource& source, const TextPattern& pattern)
      : day_(day),
        source_(source),
        pattern_(pattern),
        all_words_(static_cast<uint32_t>((uint64_t{1} << pattern.words().size()) - 1)),
        content_(source.open(day)) {}

  Status Open() {
    for (const auto& reader : content_.files) {
      files_.push_back(std::make_unique<SearchedFile>(reader, pattern_));
      AO_TRY(files_.back()->Open(all_words_));
    }
    return OkStatus();
  }

  Result<bool> MayMatch() {
    if (!may_match_) {
      AO_ASSIGN_OR_RETURN(const bool may, ComputeMayMatch());
      may_match_ = may;
    }
    return *may_match_;
  }

  Result<bool> Matches(const ContentAddress& address) {
    size_t loaded = 0;
    for (const auto& file : files_) loaded += file->loaded_bytes();
    if (loaded > kMaxLoadedBytes) {
      files_.clear();
      AO_TRY(Open());
    }
    AO_ASSIGN_OR_RETURN(const State state, StateOfText(address));
    return state.verdict == Verdict::kYes;
  }

 private:
  struct InMemory {
    uint32_t index = 0;  // of the piece or node
    State state;
  };
  // Where the record of a node is: in memory, or in a file.
  struct Place {
    InMemory* memory = nullptr;
    SearchedFile* file = nullptr;
    uint32_t index = 0;
  };
  struct Link {  // from a node to what it consists of
    ContentAddress address, parent;
    Place parent_place;          // when it is known
    std::optional<State> first;  // of the parent, when it is a piece of the same file
    State piece;
    uint64_t total = 0;
  };

  Result<bool> ComputeMayMatch() {
    for (const auto& [address, bytes] : content_.pieces) {
      if (pattern_.MayTouch(bytes)) return true;
    }
    uint32_t words = 0;
    size_t candidates = 0;
    for (const auto& file : files_) {
      words |= file->any_words();
      candidates += file->candidates();
    }
    if (content_.pieces.empty() && words != all_words_) return false;
    if (pattern_.may_cross_pieces() || candidates > kFewBlocks) return true;
    for (const auto& file : files_) {
      AO_ASSIGN_OR_RETURN(const bool found, file->DecideAll());
      if (found) return true;
    }
    return false;
  }

  void IndexMemory() {
    if (memory_indexed_) return;
    memory_indexed_ = true;
    memory_pieces_.reserve(content_.pieces.size());
    for (uint32_t i = 0; i < content_.pieces.size(); ++i) {
      memory_pieces_.try_emplace(content_.pieces[i].first, InMemory{i, {}});
    }
    memory_nodes_.reserve(content_.nodes.size());
    for (uint32_t i = 0; i < content_.nodes.size(); ++i) {
      memory_nodes_.try_emplace(content_.nodes[i].address, InMemory{i, {}});
    }
  }

  // The file tried first is the one that held what was looked for last.
  template <typename F>
  Status InFiles(const ContentAddress& address, F f) {
    for (size_t n = 0; n < files_.size(); ++n) {
      const size_t i = n == 0 ? hint_ : n <= hint_ ? n - 1 : n;
      if (!files_[i]->MayHold(address)) continue;
      AO_ASSIGN_OR_RETURN(const bool found, f(*files_[i]));
      if (!found) continue;
      hint_ = i;
      break;
    }
    return OkStatus();
  }

  Result<std::optional<State>> PieceState(const ContentAddress& address) {
    if (const auto it = memory_pieces_.find(address); it != memory_pieces_.end()) {
      InMemory& piece = it->second;
      if (piece.state.verdict == Verdict::kOpen) {
        const bool match = pattern_.Matches(content_.pieces[piece.index].second);
        piece.state = {match ? Verdict::kYes : Verdict::kNo, all_words_};
      }
      return std::optional(piece.state);
    }
    std::optional<State> state;
    AO_TRY(InFiles(address, [&](SearchedFile& file) -> Result<bool> {
      AO_ASSIGN_OR_RETURN(const auto index, file.FindPiece(address));
      if (!index) return false;
      AO_ASSIGN_OR_RETURN(state, file.PieceState(*index));
      return true;
    }));
    return state;
  }

  Result<Place> FindNode(const ContentAddress& address) {
    Place place;
    if (const auto it = memory_nodes_.find(address); it != memory_nodes_.end()) {
      place.memory = &it->second;
      return place;
    }
    AO_TRY(InFiles(address, [&](SearchedFile& file) -> Result<bool> {
      AO_ASSIGN_OR_RETURN(const auto index, file.FindNode(address));
      if (!index) return false;
      place.file = &file;
      place.index = *index;
      return true;
    }));
    return place;
  }

  static State& StateAt(const Place& place) {
    return place.memory != nullptr ? place.memory->state : place.file->StateOf(place.index);
  }

  // A piece that is nowhere any more has no words.
  Result<State> PieceStateOrNo(const ContentAddress& address) {
    AO_ASSIGN_OR_RETURN(const auto state, PieceState(address));
    return state.value_or(State{Verdict::kNo, 0});
  }

  Result<Link> LinkAt(const Place& place) {
    Link link;
    if (place.memory != nullptr) {
      const Node& node = content_.nodes[place.memory->index];
      link.address = node.address;
      link.parent = node.parent;
      link.total = node.total;
      AO_ASSIGN_OR_RETURN(link.piece, PieceStateOrNo(node.piece));
      return link;
    }
    AO_ASSIGN_OR_RETURN(const NodeRecord* found, place.file->NodeAt(place.index));
    const NodeRecord node = *found;
    link.address = node.address;
    link.total = node.total;
    if (KindOf(node.piece) == RefKind::kPiece) {
      AO_ASSIGN_OR_RETURN(link.piece, place.file->PieceState(IndexOf(node.piece)));
    } else {
      AO_ASSIGN_OR_RETURN(const auto address, place.file->ExternalAt(IndexOf(node.piece)));
      AO_ASSIGN_OR_RETURN(link.piece, PieceStateOrNo(address));
    }
    if (KindOf(node.parent) == RefKind::kNode) {
      AO_TRY(place.file->NodeAt(IndexOf(node.parent)).status());
      link.parent_place = {nullptr, place.file, IndexOf(node.parent)};
    } else if (KindOf(node.parent) == RefKind::kPiece) {
      AO_ASSIGN_OR_RETURN(link.first, place.file->PieceState(IndexOf(node.parent)));
    } else {
      AO_ASSIGN_OR_RETURN(link.parent, place.file->ExternalAt(IndexOf(node.parent)));
    }
    return link;
  }

  // Follows the chain down to what is decided, then decides upwards.
  Result<State> StateOfText(const ContentAddress& address) {
    IndexMemory();
    std::vector<std::pair<Place, Link>> chain;
    ContentAddress next = address;
    AO_ASSIGN_OR_RETURN(Place place, FindNode(next));
    State state;
    while (true) {
      if (place.memory == nullptr && place.file == nullptr) {
        AO_ASSIGN_OR_RETURN(state, PieceStateOrNo(next));
        break;
      }
      state = StateAt(place);
      if (state.verdict != Verdict::kOpen) break;
      AO_ASSIGN_OR_RETURN(const Link link, LinkAt(place));
      if (!chain.empty() && link.total >= chain.back().second.total) {
        return Corruption("cannot search content " + address.ToHex() + ": node " +
                          link.address.ToHex() + " is longer than its child");
      }
      chain.emplace_back(place, link);
      if (link.first || link.piece.verdict == Verdict::kYes) {
        state = link.first.value_or(link.piece);
        break;
      }
      next = link.parent;
      place = link.parent_place;
      if (place.file == nullptr) {
        AO_ASSIGN_OR_RETURN(place, FindNode(next));
      }
    }
    for (; !chain.empty(); chain.pop_back()) {
      const auto& [at, link] = chain.back();
      state.words |= link.piece.words;
      if (link.piece.verdict == Verdict::kYes) state.verdict = Verdict::kYes;
      if (state.verdict == Verdict::kNo && pattern_.may_cross_pieces() &&
          state.words == all_words_) {
        const auto text = source_.read(day_, link.address);
        if (text.ok()) {
          if (pattern_.Matches(*text)) state.verdict = Verdict::kYes;
        } else if (text.status().code() != StatusCode::kNotFound) {
          return text.status();
        }
      }
      StateAt(at) = state;
    }
    return state;
  }

  const Day day_;
  const TextSource& source_;
  const TextPattern& pattern_;
  const uint32_t all_words_;
  const PartitionContent content_;
  std::vector<std::unique_ptr<SearchedFile>> files_;
  size_t hint_ = 0;
  std::optional<bool> may_match_;
  bool memory_indexed_ = false;
  HashMap<ContentAddress, InMemory> memory_pieces_, memory_nodes_;
};

class DayByDayFinder final : public TextFinder {
 public:
  DayByDayFinder(TextSource source, const TextPattern& pattern)
      : source_(std::move(source)), pattern_(pattern) {}

  Result<bool> MayMatch(Day day) override {
    const auto known = may_match_.find(day);
    if (known != may_match_.end()) return known->second;
    AO_ASSIGN_OR_RETURN(const bool may, On(day, [](SearchedDay& d) { return d.MayMatch(); }));
    may_match_[day] = may;
    return may;
  }

  Result<bool> Matches(Day day, const ContentAddress& address) override {
    AO_ASSIGN_OR_RETURN(const bool may, MayMatch(day));
    if (!may) return false;
    return On(day, [&](SearchedDay& d) { return d.Matches(address); });
  }

 private:
  // Runs `f` on the day, again when files were replaced under it.
  template <typename F>
  Result<bool> On(Day day, F f) {
    for (int attempt = 0;; ++attempt) {
      if (current_ == nullptr || day != day_) {
        current_ = nullptr;
        version_ = source_.version();
        auto opened = std::make_unique<SearchedDay>(day, source_, pattern_);
        if (const Status status = opened->Open(); !status.ok()) {
          if (attempt == 3 || source_.version() == version_) return status;
          continue;
        }
        current_ = std::move(opened);
        day_ = day;
      }
      Result<bool> result = f(*current_);
      if (result.ok() || attempt == 3 || source_.version() == version_) return result;
      current_ = nullptr;
    }
  }

  const TextSource source_;
  const TextPattern& pattern_;
  std::map<Day, bool> may_match_;
  Day day_ = 0;
  uint64_t version_ = 0;
  std::unique_ptr<SearchedDay> current_;
};

}  // namespace

std::unique_ptr<TextFinder> MakeTextFinder(TextSource source, const TextPattern& pattern) {
  return std::make_unique<DayByDayFinder>(std::move(source), pattern);
}

}  // namespace ao::storage
