// Parts of a text that may have so many bytes at most: what is too long is cut line by line, and what remains says by how much.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lockstep::cli {

// A row, or lines that are of no use without each other.
struct Lines {
  std::string text;
  int rank = 0;  // of a section that is cut, those of the lowest rank stay
};

struct Section {
  std::string name;  // "the list of changes"
  std::string head;
  std::vector<Lines> lines;  // none: the section is nothing
  std::string tail;
  std::string tail_if_cut;  // instead of the tail
  std::string remark;       // at the end of the lines of a section that is cut; {} is how many are left out

  std::size_t size() const;
};

struct Fitted {
  std::vector<std::string> texts;     // one for each section
  std::vector<std::string> left_out;  // "12 lines of the SQL"
};
// The sections in `room` bytes. Short ones are whole; the others share what is left. Deterministic.
Fitted fit(const std::vector<Section>& sections, std::size_t room);

}  // namespace lockstep::cli
