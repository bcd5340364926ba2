"""An SVG of bars on a logarithmic scale, made of plain text."""
import html
import math

COLOURS = {"control": "#9aa5b1", "lockstep": "#2b7a4b", "naive": "#c8553d"}
BAR, GAP, LEFT, WIDTH, TOP = 6, 8, 400, 560, 50
FIRST, LAST = 1, 100_000  # milliseconds at the axis' ends


def at(milliseconds):
    share = math.log10(max(FIRST, min(LAST, milliseconds)) / FIRST) / math.log10(LAST / FIRST)
    return LEFT + share * WIDTH


def text(x, y, words, anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{html.escape(words)}</text>'


def plot(groups):
    """Of [(title, {what: milliseconds})]."""
    height = TOP + len(groups) * (3 * BAR + GAP) + 10
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 60}" height="{height}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>']
    for number, (what, colour) in enumerate(COLOURS.items()):
        parts.append(f'<rect x="{LEFT + number * 110}" y="8" width="12" height="12" fill="{colour}"/>' + text(LEFT + 18 + number * 110, 18, what))
    parts.append(text(LEFT - 10, 18, "longest request", "end"))
    for power in range(int(math.log10(LAST / FIRST)) + 1):
        milliseconds = FIRST * 10 ** power
        x = at(milliseconds)
        label = f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds // 1000} s"
        parts.append(f'<line x1="{x:.0f}" x2="{x:.0f}" y1="{TOP - 8}" y2="{height - 8}" stroke="#ddd"/>' + text(x, TOP - 12, label, "middle"))
    for number, (title, values) in enumerate(groups):
        y = TOP + number * (3 * BAR + GAP)
        parts.append(text(LEFT - 10, y + 2 * BAR + 1, title, "end"))
        for place, (what, colour) in enumerate(COLOURS.items()):
            if what in values:
                parts.append(f'<rect x="{LEFT}" y="{y + place * BAR}" width="{at(values[what]) - LEFT:.1f}" height="{BAR - 1}" fill="{colour}"/>')
    return "\n".join(parts + ["</svg>"]) + "\n"
