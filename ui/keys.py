"""The keys of the window: one meaning each, wherever they act. The help page and the tests read this table; the pages obey it.

A digit, Space, Enter or Backspace acts only where no text is being typed; there it is text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """`where` is for the help page; `words` is what it does, in the words of its button."""

    name: str
    words: str
    where: str = "任何地方"


F1, F2, F3, F4, F6, F7, F8, F9, F10, F11, F12 = (f"F{number}" for number in (1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12))
ENTER, SPACE, BACKSPACE, ESC, COMMAND = "Enter", "Space", "Backspace", "Esc", "Ctrl+K"
REFRESH, SWITCH, AT_ONCE, DISPUTE, LATE, STUCK = "Ctrl+R", "Ctrl+L", "Ctrl+Enter", "Ctrl+D", "Ctrl+B", "Ctrl+T"
CLOSE_DAY, PROOF, BRANCH, VERIFY, WITHDRAW = "C", "P", "B", "V", "W"
SLIP, REPORT, HANDOVER, INTERCEPT = "G", "J", "Y", "Z"
LETTER = "T"
PRINT = "Ctrl+P"
DIGITS = tuple("0123456789")
YES, NO, DOUBT = "1", "2", "3"

KEYS: tuple[Key, ...] = (
    Key(F1, "帮助"),
    Key(F2, "新受理", "收寄台"),
    Key(F3, "证件 / 换来源", "收寄台"),
    Key(F4, "同一寄件人再寄", "收寄台"),
    Key(F6, "拍照", "收寄台"),
    Key(F7, "验视清单", "收寄台"),
    Key(F8, "拒收", "收寄台"),
    Key(F9, "补打标签", "刚受理的一件、打开的一条记录、看板"),
    Key(F10, "挂起 / 取回", "收寄台"),
    Key(F11, "同步中心"),
    Key(F12, "提交", "收寄台"),
    Key(STUCK, "已贴标（扫标签也行）", "刚受理的一件、打开的一条记录、看板"),
    Key(LATE, "补录：填实际收寄时间", "收寄台"),
    Key(ENTER, "唯一的下一步：读取、确认、打开"),
    Key("1 2 3", "通过、不通过、存疑；或题目下列出的答案", "没有在打字时"),
    Key(SPACE, "通过", "验视清单"),
    Key(BACKSPACE, "上一项（撤回一步）", "没有在打字时"),
    Key(ESC, "退回；放弃一件要按两次"),
    Key(COMMAND, "命令与页面"),
    Key(SWITCH, "换收寄员"),
    Key(AT_ONCE, "直接确认，空栏不填；内件再加一件", "填表时"),
    Key("A–Z", "查品类、禁寄物品：打拼音首字母", "申报内件、查禁寄物品"),
    Key(DISPUTE, "异议", "打开的一条记录、名单"),
    Key(PROOF, "回执证明，存为 PDF", "打开的一条记录"),
    Key(PRINT, "送系统打印机：告知单、回执证明、日结单（也存 PDF）", "刚拒收的一件、打开的一条记录、日结单"),
    Key(WITHDRAW, "撤件：退还寄件人", "打开的一条记录"),
    Key(LETTER, "记通知：谁发来、文号、哪天收到", "拒收选定 R11、R12 以后"),
    Key(SLIP, "拒收告知单", "打开的一条拒收、刚拒收的一件"),
    Key(REPORT, "报告机关：谁、电话、时间", "打开的一条记录、刚拒收的一件"),
    Key(HANDOVER, "移交：机关、清单文号、两名人员", "打开的一条记录"),
    Key(INTERCEPT, "拦截，以及拦截结果", "打开的一条收寄、安检不合格"),
    Key(CLOSE_DAY, "日结", "同步中心"),
    Key(BRANCH, "留存的分支", "同步中心"),
    Key(VERIFY, "核验本机日志", "同步中心"),
    Key("0", "扫到别的网点的件：停下来看，或不停", "安检开始以前"),
    Key("4 5 6", "下一张图像的编号对、差一张、都不是；刚扫过的件没有或有重新过机", "安检问到时"),
    Key("7", "日结单存为 PDF", "日结单"),
    Key(REFRESH, "刷新本页，或立即同步", "看板、记录、名单、同步、报表"),
    Key("↑ ↓ PageUp PageDown", "选一行、翻一屏", "列表、报表、拒收、查品类"),
    Key("Tab", "下一个控件"),
)
