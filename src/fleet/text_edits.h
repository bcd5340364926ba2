// Pieces of one text that are replaced, and the lines at which the new ones stand. Whitespace around what comes and goes is such
// that no line is left empty or holds two items, unless it did before.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fleet/item_edits.h"
#include "support/source_text.h"

namespace lockstep::fleet {

class TextEdits {
 public:
  explicit TextEdits(support::SourcePtr source) : source_(std::move(source)) {}

  void replace(std::size_t begin, std::size_t end, std::string text, ItemEdit done);
  void remove(std::size_t begin, std::size_t end, ItemEdit done);
  // On lines of its own after what ends at `at`, and after a comment on its line.
  void insert_after(std::size_t at, const std::string& text, ItemEdit done);
  // At the end of the block whose "}", or whose ";" in its place if `block` is false, is at `at`.
  void insert_last(std::size_t at, bool block, const std::string& text, ItemEdit done);
  // Around insert_last() where there was no block.
  void open_block(std::size_t at);
  void close_block(std::size_t depth);

  // Edits inside of a removed piece are left out. `bodies`: whether a text between dollars may have the file's line ends too.
  std::string apply(const std::function<bool(const ItemEdit&)>& bodies);
  std::vector<ItemEdit>& done() { return done_; }  // after apply(), with their lines

 private:
  struct Edit {
    std::size_t begin, end;
    std::string text;
    bool told = true;
    ItemEdit done;
  };

  support::SourcePtr source_;
  std::vector<Edit> edits_;
  std::size_t opened_ = 0;
  std::vector<ItemEdit> done_;
};

}  // namespace lockstep::fleet
