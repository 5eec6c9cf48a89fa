#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_budget.py SOURCE_TREE: the size and shape that CONTRIBUTING.md asks for.

Lengths of files and functions, parameters of a function, share of comments, open
ends (TODO, #if 0), and file names that are unique in src/.  Functions are found by
counting braces, which is enough for code formatted by clang-format."""
import os
import re
import sys

FILE_LINES = 400
FUNCTION_LINES = 90
PARAMETERS = 8
# Written exceptions.  A kernel takes plain arrays, each with its extents and strides.
# A sampler is handed its model, its settings, its prompt and its listener.
PARAMETERS_OF = {'src/kernels/': 12, 'src/decode/sample.c': 10}
COMMENT_SHARE = (10, 33)  # per cent of all lines in src/ and include/
TOKEN = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
OPEN_END = re.compile(r'\b(?:TODO(?!\(#\d+\))|FIXME|XXX)\b')
failures = []


def fail(path, line, text):
    failures.append(f'{path}:{line}: {text}')


def sources(root, folders, suffixes):
    for folder in folders:
        for place, _, names in os.walk(os.path.join(root, folder)):
            for name in sorted(names):
                if name.endswith(suffixes):
                    yield os.path.relpath(os.path.join(place, name), root)


def without_comments(text):
    """The code alone, line by line as before; and the number of comment lines."""
    lines = 0

    def blank(match):
        nonlocal lines
        if not match.group(0).startswith('/*'):
            return '""'
        lines += match.group(0).count('\n') + 1
        return '\n' * match.group(0).count('\n')

    return TOKEN.sub(blank, text), lines


def check_head(path, line, head):
    """Counts the parameters of a function whose head ends before its brace."""
    depth, parameters = 0, 1
    for letter in head[head.find('('):]:
        depth += (letter == '(') - (letter == ')')
        parameters += letter == ',' and depth == 1
    most = max([PARAMETERS] + [n for place, n in PARAMETERS_OF.items() if path.startswith(place)])
    if parameters > most:
        fail(path, line, f'a function has {parameters} parameters; at most {most}')


def check_functions(path, code):
    code = re.sub(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', lambda m: '\n' * m.group(0).count('\n'),
                  code, flags=re.M)
    depth, head_from, first = 0, 0, None
    for match in re.finditer('[{};]', code):
        here, mark = match.start(), match.group(0)
        if mark == '{':
            head = code[head_from:here]
            if depth == 0 and ')' in head and '=' not in head:
                first = here
                check_head(path, code.count('\n', 0, here) + 1, head)
            depth += 1
            continue
        depth -= mark == '}'
        if depth == 0:
            lines = code.count('\n', first, here) + 1 if first is not None else 0
            if mark == '}' and lines > FUNCTION_LINES:
                fail(path, code.count('\n', 0, first) + 1,
                     f'a function of {lines} lines; at most {FUNCTION_LINES}')
            head_from, first = here + 1, None


def check_sources(root):
    total, comments, seen = 0, 0, {}
    for path in sources(root, ['src', 'include'], ('.c', '.h')):
        with open(os.path.join(root, path), encoding='utf-8') as file:
            text = file.read()
        lines = text.count('\n')
        code, comment_lines = without_comments(text)
        total, comments = total + lines, comments + comment_lines
        if lines > FILE_LINES:
            fail(path, lines, f'{lines} lines; at most {FILE_LINES}')
        if '#if 0' in text:
            fail(path, 1, 'code that is switched off (#if 0)')
        if not text.lstrip().startswith('/*'):
            fail(path, 1, 'no opening comment')
        name = os.path.basename(path)
        if name in seen:
            fail(path, 1, f'{seen[name]} has the same name')
        seen[name] = path
        check_functions(path, code)
    share = 100 * comments / max(total, 1)
    if not COMMENT_SHARE[0] <= share <= COMMENT_SHARE[1]:
        fail('src', 0, f'{share:.0f} % comments; expected {COMMENT_SHARE}')
    return f'{len(seen)} files, {total} lines, {share:.0f} % comments'


def check_open_ends(root):
    this = os.path.basename(__file__)
    for path in sources(root, ['src', 'include', 'tests', 'launch'],
                        ('.c', '.h', '.sh', '.py', '.cmake', '.md', 'CMakeLists.txt', 'run')):
        if os.path.basename(path) in (this, 'check_planted_violations.sh'):
            continue
        with open(os.path.join(root, path), encoding='utf-8', errors='replace') as file:
            for number, line in enumerate(file, 1):
                if OPEN_END.search(line.replace('XXXXXX', '')):
                    fail(path, number, 'an open end without a number: ' + line.strip())


tree = sys.argv[1]
summary = check_sources(tree)
check_open_ends(tree)
print('\n'.join(failures) if failures else summary)
sys.exit(bool(failures))
