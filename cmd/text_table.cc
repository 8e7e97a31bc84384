#include "cmd/text_table.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace heat_scheduler {
namespace {

// Returns the number of characters of UTF-8 text.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
  }));
}

std::string OnOneLine(std::string cell) {
  std::replace_if(
      cell.begin(), cell.end(),
      [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f; }, '?');
  return cell;
}

}  // namespace

std::string TextTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += OnOneLine(row[i]);
      if (i + 1 < row.size()) text.append(widths[i] - Width(row[i]) + 3, ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace heat_scheduler
