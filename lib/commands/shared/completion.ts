/**
 * Scripts that let a shell complete commands, options and their words. All that
 * they know comes from the table of commands.
 *
 * @module
 */

import { columns, ownCommands } from "./about.ts";
import { type Command, wrap } from "./command.ts";
import { say, t } from "./language.ts";
import { COMMON_OPTIONS, type Option, takesPath } from "./options.ts";

/** The shells that there is a script for, and where it is to be put. */
const SHELLS = {
  bash: {
    script: bash,
    install: 'eval "$(deno task --quiet completion bash)"  # in ~/.bashrc',
  },
  zsh: {
    script: zsh,
    install: 'eval "$(deno task --quiet completion zsh)"  # in ~/.zshrc',
  },
  fish: {
    script: fish,
    install: "deno task --quiet completion fish | source  # in config.fish",
  },
  powershell: {
    script: powerShell,
    install:
      "deno task --quiet completion powershell | Out-String | Invoke-Expression  # in $PROFILE",
  },
} as const;

/** A shell that there is a script for. */
export type Shell = keyof typeof SHELLS;

/** The names of the shells. */
export const SHELL_NAMES = Object.keys(SHELLS) as Shell[];

/** What may follow in the place of an option's value, or of a name. */
type Expected =
  | { readonly words: readonly string[] }
  | "path"
  | "anything";

/** A command as a shell sees it. */
interface Entry {
  readonly name: string;
  readonly summary: string;
  /** What may stand without an option. */
  readonly bare: Expected;
  readonly options: readonly {
    readonly name: string;
    readonly description: string;
    /** Absent for a yes/no flag. */
    readonly value?: Expected;
  }[];
}

/**
 * A script for a shell.
 *
 * @param shell Which one.
 * @param commands The table of commands.
 */
export function completionScript(
  shell: Shell,
  commands: readonly Command[],
): string {
  return SHELLS[shell].script([
    ...commands.map(entryOf),
    ...ownCommands().map(([name, summary]) => ({
      name,
      summary,
      bare: name === "help"
        ? { words: commands.map(({ name }) => name) }
        : name === "completion"
        ? { words: SHELL_NAMES }
        : "anything" as const,
      options: [],
    })),
  ]);
}

/** The help of `completion`. */
export function completionHelp(): string {
  return [
    ...wrap(
      t`completion bash|zsh|fish|powershell prints a script for that shell. To have it, in the project's folder:`,
      columns(),
    ),
    "",
    ...Object.values(SHELLS).map(({ install }) => `  ${install}`),
  ].join("\n");
}

function entryOf(command: Command): Entry {
  const options = { ...command.options, ...COMMON_OPTIONS };
  return {
    name: command.name,
    summary: say(command.summary),
    bare: command.positional === undefined
      ? "anything"
      : expectedBy(command.options[command.positional]),
    options: Object.entries(options).map(([name, option]) => ({
      name,
      description: say(option.description),
      value: option.value === undefined ? undefined : expectedBy(option),
    })),
  };
}

function expectedBy(option: Option<unknown>): Expected {
  if (option.choices !== undefined) return { words: option.choices };
  return takesPath(option) ? "path" : "anything";
}

/** `train --arch`: what may follow; `train`: what may stand bare. */
function placesOf(entries: readonly Entry[]): [string, Expected][] {
  return entries.flatMap(({ name, bare, options }) => [
    [`${name} `, bare] as [string, Expected],
    ...options.flatMap((option): [string, Expected][] =>
      option.value === undefined
        ? []
        : [[`${name} --${option.name}`, option.value]]
    ),
  ]);
}

function namesOf(entries: readonly Entry[]): string {
  return entries.map(({ name }) => name).join(" ");
}

/** The options of every command, a line of `case` each, as bash and zsh have it. */
function optionCases({ name, options }: Entry): string {
  const flags = options.map((option) => `--${option.name}`).join(" ");
  return `    ${name}) options="${flags}" ;;`;
}

/** The places where words or paths are known, as lines of `case`. */
function placeCases(entries: readonly Entry[]): string {
  return placesOf(entries).flatMap(([place, expected]) => {
    if (expected === "anything") {
      // After an option some value must follow; it is not an option's name.
      return place.endsWith(" ") ? [] : [`    "${place}") kind=anything ;;`];
    }
    return expected === "path"
      ? [`    "${place}") kind=path ;;`]
      : [`    "${place}") kind=words words="${expected.words.join(" ")}" ;;`];
  }).join("\n");
}

function bash(entries: readonly Entry[]): string {
  return `# Completion of ptbr-slm and its Deno tasks, for bash.
_ptbr_slm() {
  local at=\${1:-1} command= before= kind= words= options=
  [[ $1 =~ ^[0-9]+$ ]] || at=1
  local word=\${COMP_WORDS[COMP_CWORD]} last=$((COMP_CWORD - 1))
  # bash makes three words of --option=value.
  if [[ $word == = ]]; then word=; elif [[ \${COMP_WORDS[last]} == = ]]; then last=$((last - 1)); fi
  if ((COMP_CWORD > at)); then
    command=\${COMP_WORDS[at]}
    [[ \${COMP_WORDS[last]} == --* ]] && before=\${COMP_WORDS[last]}
  fi
  case $command in
    "") kind=words words="${namesOf(entries)}" ;;
${entries.map(optionCases).join("\n")}
  esac
  case "$command $before" in
${placeCases(entries)}
  esac
  COMPREPLY=()
  case $kind in
    anything) ;;
    path)
      compopt -o filenames 2> /dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      ;;
    *)
      [[ $word == -* || -z $kind ]] && words=$options
      mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
      ;;
  esac
}
_ptbr_slm_deno() {
  case " ${namesOf(entries)} " in
    *" \${COMP_WORDS[2]:-.} "*)
      if [[ \${COMP_WORDS[1]} == task ]] && ((COMP_CWORD > 2)); then
        _ptbr_slm 2
        return
      fi
      ;;
  esac
  [[ -z $_ptbr_slm_other ]] || "$_ptbr_slm_other" "$@"
}
_ptbr_slm_other=
if [[ $(complete -p deno 2> /dev/null) =~ -F\\ ([^ ]+) && \${BASH_REMATCH[1]} != _ptbr_slm_deno ]]; then
  _ptbr_slm_other=\${BASH_REMATCH[1]}
fi
complete -F _ptbr_slm ptbr-slm
complete -o bashdefault -o default -F _ptbr_slm_deno deno`;
}

function zsh(entries: readonly Entry[]): string {
  return `# Completion of ptbr-slm and its Deno tasks, for zsh.
_ptbr_slm() {
  local command= before= kind= known= options=
  ((CURRENT > 2)) && command=$words[2]
  if [[ $PREFIX == --*=* ]]; then
    before=\${PREFIX%%=*}
    compset -P '*='
  elif ((CURRENT > 2)) && [[ $words[CURRENT-1] == --* ]]; then
    before=$words[CURRENT-1]
  fi
  case $command in
    "") kind=words known="${namesOf(entries)}" ;;
${entries.map(optionCases).join("\n")}
  esac
  case "$command $before" in
${placeCases(entries).replaceAll(" words=", " known=")}
  esac
  case $kind in
    anything) ;;
    path) _files ;;
    *)
      [[ $PREFIX == -* || -z $kind ]] && known=$options
      compadd -- \${=known}
      ;;
  esac
}
_ptbr_slm_deno() {
  if [[ $words[2] == task && CURRENT -gt 3 && " ${
    namesOf(entries)
  } " == *" $words[3] "* ]]; then
    shift words
    ((CURRENT--))
    _ptbr_slm
  elif (( $+functions[_deno] )); then
    _deno "$@"
  else
    _files
  fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _ptbr_slm ptbr-slm
compdef _ptbr_slm_deno deno`;
}

function fish(entries: readonly Entry[]): string {
  const quote = (text: string) => `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
  const after = (expected: Expected) =>
    expected === "path"
      ? " -r -F"
      : expected === "anything"
      ? " -x"
      : ` -x -a ${quote(expected.words.join(" "))}`;
  const lines = entries.flatMap(({ name, summary, bare, options }) => {
    const here = `complete -c ptbr-slm -n ${
      quote(`__fish_seen_subcommand_from ${name}`)
    }`;
    const task = `complete -c deno -n ${
      quote(
        `__fish_seen_subcommand_from task; and __fish_seen_subcommand_from ${name}`,
      )
    }`;
    const ways = [here, task];
    return [
      `complete -c ptbr-slm -n __fish_use_subcommand -f -a ${name} -d ${
        quote(summary)
      }`,
      ...bare === "anything"
        ? []
        : ways.map((way) =>
          bare === "path"
            ? `${way} -F`
            : `${way} -f${after(bare).replace(" -x", "")}`
        ),
      ...options.flatMap((option) =>
        ways.map((way) =>
          `${way} -l ${option.name}${
            option.value === undefined ? "" : after(option.value)
          } -d ${quote(option.description)}`
        )
      ),
    ];
  });
  return [
    "# Completion of ptbr-slm and its Deno tasks, for fish.",
    "# Deno's own completions forget all others when they are loaded: first they.",
    "complete -C 'deno ' > /dev/null 2>&1",
    "complete -c ptbr-slm -f",
    ...lines,
  ].join("\n");
}

function powerShell(entries: readonly Entry[]): string {
  const list = (words: readonly string[]) =>
    `@(${words.map((word) => `'${word.replaceAll("'", "''")}'`).join(", ")})`;
  const known = placesOf(entries).flatMap(([place, expected]) =>
    expected === "anything" || expected === "path"
      ? []
      : [`    '${place}' = ${list(expected.words)}`]
  );
  // Where a path may follow, no word is given and PowerShell completes paths.
  const values = placesOf(entries).filter(([place]) => !place.endsWith(" "))
    .map(([place]) => place);
  return `# Completion of ptbr-slm, for PowerShell.
Register-ArgumentCompleter -Native -CommandName ptbr-slm -ScriptBlock {
  param($word, $line, $cursor)
  $options = @{
${
    entries.map(({ name, options }) =>
      `    '${name}' = ${list(options.map((option) => `--${option.name}`))}`
    ).join("\n")
  }
  }
  $known = @{
${known.join("\n")}
  }
  $valued = ${list(values)}
  $given = @($line.CommandElements | ForEach-Object { $_.ToString() })
  if ($word -ne '') { $given = @($given | Select-Object -SkipLast 1) }
  if ($given.Count -lt 2) {
    $words = ${list(entries.map(({ name }) => name))}
  } else {
    $command = $given[1]
    $place = "$command "
    if ($given[-1].StartsWith('--')) { $place = "$command $($given[-1])" }
    if ($known.ContainsKey($place) -and -not $word.StartsWith('-')) { $words = $known[$place] }
    elseif ($valued -contains $place) { $words = @() }
    else { $words = $options[$command] }
  }
  $words | Where-Object { $_ -like "$word*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}`;
}
