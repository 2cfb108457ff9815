"""Words of the downloaded files, in the languages of the product.

The pages translate codes in the browser; a file is read without it and carries its own words.
"""

from omni.supervisor.report import Language

LABELS: dict[str, tuple[str, str]] = {
    # sheets and files
    "report": ("Campaign report", "活动报表"),
    "totals": ("Totals", "汇总"),
    "outcomes": ("Outcomes", "呼叫结果"),
    "intervals": ("Intervals", "时段"),
    "agents": ("Agents", "坐席"),
    "dispositions": ("Dispositions", "业务结果"),
    "attempts": ("Attempts", "呼叫明细"),
    "checks": ("Checks", "校验"),
    # heading
    "campaign": ("Campaign", "活动"),
    "from_day": ("From", "开始日期"),
    "to_day": ("To", "结束日期"),
    "time_zone": ("Time zone", "时区"),
    "made_at": ("Made at", "生成时间"),
    "measure": ("Measure", "指标"),
    "value": ("Value", "数值"),
    # measures
    "dialled": ("Dialled", "呼出"),
    "in_progress": ("In progress", "进行中"),
    "answered": ("Answered", "接通"),
    "to_agents": ("To agents", "转到坐席"),
    "dropped": ("Dropped", "呼损"),
    "hung_up": ("Hung up before an agent", "转接前挂断"),
    "machines": ("Machines and fax", "答录机和传真"),
    "messages": ("Heard the message", "听完语音"),
    "opted_out": ("Asked not to be called (key)", "按键要求不再来电"),
    "lost": ("Lost otherwise", "其他丢失"),
    "connecting": ("Connecting", "正在转接"),
    "connection_rate_pct": ("Connection rate %", "接通率 %"),
    "drop_pct": ("Drop rate %", "呼损率 %"),
    "talk_s": ("Talk time (s)", "通话时长（秒）"),
    "wrap_up_s": ("Wrap-up time (s)", "话后时长（秒）"),
    "mean_ring_s": ("Mean ring time (s)", "平均振铃（秒）"),
    "mean_wait_s": ("Mean wait (s)", "平均等待（秒）"),
    "mean_talk_s": ("Mean talk time (s)", "平均通话（秒）"),
    "mean_wrap_up_s": ("Mean wrap-up (s)", "平均话后（秒）"),
    # columns
    "outcome": ("Outcome", "呼叫结果"),
    "attempts_count": ("Attempts", "呼叫次数"),
    "share_pct": ("Share %", "占比 %"),
    "starts_at": ("Begins", "开始"),
    "agent": ("Agent", "坐席"),
    "calls": ("Calls", "通话数"),
    "disposition": ("Disposition", "业务结果"),
    "none": ("(none)", "（无）"),
    "check": ("Check", "校验项"),
    "left": ("Left", "左值"),
    "right": ("Right", "右值"),
    "holds": ("Holds", "成立"),
    "yes": ("yes", "是"),
    "no": ("NO", "否"),
    "attempt_id": ("Attempt", "呼叫编号"),
    "contact_id": ("Contact", "联系人编号"),
    "number": ("Number", "号码"),
    "name": ("Name", "姓名"),
    "attempt_no": ("Attempt no.", "第几次"),
    "started_at": ("Dialled at", "呼出时间"),
    "answered_at": ("Answered at", "接通时间"),
    "accepted_at": ("Agent at", "坐席接入时间"),
    "ended_at": ("Ended at", "结束时间"),
    "ring_s": ("Ring (s)", "振铃（秒）"),
    "wait_s": ("Wait (s)", "等待（秒）"),
    "talk_each_s": ("Talk (s)", "通话（秒）"),
    "wrap_up_each_s": ("Wrap-up (s)", "话后（秒）"),
    "note": ("Note", "备注"),
    # outcomes
    "busy": ("Busy", "占线"),
    "no_answer": ("No answer", "无人接听"),
    "rejected": ("Rejected", "拒接"),
    "invalid_number": ("Invalid number", "空号"),
    "unreachable": ("Unreachable", "无法接通"),
    "congestion": ("Congestion", "网络拥塞"),
    "machine": ("Answering machine", "答录机"),
    "fax": ("Fax", "传真"),
    "failed": ("Failed", "失败"),
    "cancelled": ("Cancelled", "已取消"),
    "message": ("Heard the message", "听完语音"),
    # checks
    "check.dialled": ("dialled = outcomes + in progress", "呼出 = 各结果之和 + 进行中"),
    "check.answered": (
        "answered = to agents + dropped + hung up + machines + messages + opted out + lost "
        "+ connecting",
        "接通 = 转到坐席 + 呼损 + 转接前挂断 + 答录机 + 听完语音 + 按键退订 + 其他丢失 + 正在转接",
    ),
    "check.intervals_dialled": ("dialled = sum of the intervals", "呼出 = 各时段之和"),
    "check.intervals_answered": ("answered = sum of the intervals", "接通 = 各时段之和"),
    "check.agents_calls": ("to agents = sum of the agents", "转到坐席 = 各坐席之和"),
}


def label(code: str, language: Language) -> str:
    """Return the word for a code; a code without one (a disposition of the user's) as it is."""
    words = LABELS.get(code)
    if words is None:
        return code
    return words[0] if language is Language.ENGLISH else words[1]
