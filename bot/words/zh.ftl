# 机器人对市民说的每一句话。像有经验的老接线员：短、暖、说人话。英文在 en.ftl，键要一致。

### 开场与闲谈
hello = 您好，这里是{ $city }12345，我是智能助手小连。
welcome = 您好，这里是{ $city }12345，我是智能助手小连。遇到什么难处、想问什么政策，直接写给我就行，发照片、发位置也可以。
welcome-back = 欢迎回来！有什么需要，直接写给我就行。
greet = 您好！我是{ $city }12345的智能助手小连。您说，什么事？
who = 我是小连，{ $city }12345的智能助手，不是真人。有事跟我说就行；想找人工，随时回“转人工”。
bye = 好的，再见，祝您一切顺心。有事随时来找我。
thank = 不客气，应该的。还有事您随时说。
help = 我能帮您：反映问题、投诉举报、提建议、问政策，也能查进度、催办、补充、撤回。直接说事就行；想找人工，回“转人工”。
chitchat = 这个我可聊不好😊 生活里有什么难处、想问什么政策，跟我说，我在行。
out-of-scope = 这件事12345帮不上，实在抱歉。水电气暖、物业、交通、社保、教育、消费这些生活里的事，您都可以找我。
nothing-open = 好的。您有什么事要反映或者想问？直接说就行。
menu-report = 好，您说说是什么事、在哪里。照片、位置也可以直接发来。
menu-question = 好，您想问什么？直接写给我。
scanned-place = 您在“{ $place }”是吧？请说说遇到了什么事。
wait-a-moment = 收到，稍等一下，我马上看。
voice-unread = 您的语音收到了，我这边听不了，这就请同事来听。方便的话也可以打字告诉我。

### 没听明白
unclear-again = 不好意思，我没太明白。您换个说法，说说是什么事、在哪里，好吗？
which = 您说的我记下了。想确认一下，是下面哪一类？
which-again = 好的，那您用自己的话再说说：是什么事、跟哪方面有关？
several = 您说了{ $count }件事，我一件一件帮您办，一件都不会落下。
queued-request = “{ $service }”这件事我也记下了，办完眼前这件接着办。
queued-several = 您另外说的{ $count }件事我也记下了，办完眼前这件接着办。

### 登记
begin = { $kind ->
    [complaint] 给您添堵了，“{ $service }”的事我来帮您反映。
    [tip] 谢谢您提供线索，“{ $service }”的举报我来登记，您的信息会保密。
    [suggestion] 谢谢您的好建议，我来登记转给有关部门。
    [praise] 谢谢您！这份心意我来转达。
   *[other] 好的，“{ $service }”的事我来帮您登记。
 }
ask-place = { $kind ->
    [praise] 请问是在哪里？
   *[other] 请问具体在哪里？哪条路、哪个小区几栋，说得越细处理越快；发个定位也行。
 }
ask-district = 请问在哪个区县？
ask-matter = { $kind ->
    [suggestion] 您的建议具体是什么？
    [praise] 想表扬谁、因为什么事？
    [tip] 请说说具体情况：谁、在什么时候、做了什么？
    [question] 您具体想问什么？
   *[other] 请说说具体是什么情况？
 }
ask-since = 这种情况从什么时候开始的？
ask-time = 大概是什么时候的事？
ask-phone = { $kind ->
    [tip] 方便留个电话吗？只用于核实，不会透露给对方；不想留也可以匿名。
   *[other] 请留一个能联系到您的电话，方便工作人员找您核实。
 }
ask-name = 请问怎么称呼您？
ask-party = { $kind ->
    [praise] 想表扬哪个人或单位？
   *[other] 请问对方是谁？单位、店名或个人都行。
 }
ask-shop = 请问是哪家店？店名是什么？
ask-employer = 请问是哪家单位或老板？
ask-project = 请问是哪个工程或项目？
ask-people = 涉及多少人？
ask-amount = 涉及多少钱？
ask-period = 是哪段时间的？
ask-proof = 手里有凭证吗？合同、小票、聊天记录，拍照发来就行。
ask-source = 您看是哪里来的、什么东西造成的？
ask-hours = 一般在什么时段？
ask-line = 是几路车、哪条线？
ask-plate = 车牌号记得吗？
ask-estate = 是哪个小区？
ask-building = 是几栋几单元几室？
ask-account = 户号是多少？账单上能找到。
ask-extent = 影响范围有多大？只有您家，还是整栋楼、整个小区？
ask-school = 是哪所学校？
ask-grade = 孩子上几年级？
ask-register = 户口和居住证是什么情况？
ask-id_number = 请提供身份证号，只用于办理这件事。
ask-wish = 您希望怎么解决？
ask-change = 哪里要改？直接说就行，比如“地址是3栋”“电话换成139…”。

wrong-phone = 这个电话好像不太对，麻烦您再核对一下？座机请带区号。
wrong-time = 这个时间好像还没到呢，您再确认一下是什么时候？
wrong-place = 这个位置还不太好找。哪条路、哪个小区，或者附近有什么标志？
wrong-plate = 车牌号好像不全，您再看看？
wrong-id = 身份证号好像不对，麻烦核对一下？
why-phone = 电话只给办这件事的工作人员核实用，不公开。留一个处理会快很多；实在不便，回“匿名”也行。
why-place = 没有地点，工作人员不知道往哪儿去。说个大概也行，比如附近的路口、学校、超市。
why-matter = 您简单说两句就行，我好找对部门。
why-other = 有了这个，部门办起来更快。实在没有也没关系，回“跳过”就行。

anonymous-noted = 好，这件事给您匿名登记，不留姓名电话。
photo-first = 照片收到了（{ $count }张）。请说说是什么事、在哪里？
photo-noted = 照片收到，已放进这件事里（共{ $count }张）。
location-first = 位置收到了。请说说那里出了什么事？
location-noted = 位置收到。
pinned = 地图定位（{ $latitude }，{ $longitude }）
noted = 好，这点也记上了。
corrected = 改好了。
mistaken = 对不起，是我理解错了。
cancelled = 好的，不登记了。以后有事随时找我。
silent-incomplete = “{ $service }”的事我给您留着，您方便了接着说就行；想找人工，回“转人工”。

summary = 我记的是这样，您看对不对？
    { $kind ->
    [question] 【咨询】
    [help] 【求助】
    [complaint] 【投诉】
    [tip] 【举报】
    [suggestion] 【建议】
    [praise] 【表扬】
   *[other] 【诉求】
    }{ $service }
    { $lines }
summary-line = { $label }：{ $value }
summary-anonymous = 匿名：是
summary-photos = 照片：{ $count }张

label-matter = 情况
label-place = 地点
label-district = 区县
label-since = 开始时间
label-time = 时间
label-phone = 电话
label-name = 称呼
label-party = 对方
label-shop = 商家
label-employer = 用人单位
label-project = 项目
label-people = 人数
label-amount = 金额
label-period = 时段
label-proof = 凭证
label-source = 来源
label-hours = 时间段
label-line = 线路
label-plate = 车牌
label-estate = 小区
label-building = 楼栋
label-account = 户号
label-extent = 范围
label-school = 学校
label-grade = 年级
label-register = 户籍
label-id_number = 身份证号
label-wish = 希望

### 登记之后
receipt = 登记好了。工单 { $number }，查询码 { $code }，转{ $department }办理，{ $deadline }前答复您。{ $anonymous ->
    [true] 已匿名，请记好编号和查询码。
   *[other] 想补充，直接发文字或照片给我就行。
 }
receipt-silent = 您没再回复，我先按您说的登记了。工单 { $number }，查询码 { $code }，转{ $department }办理，{ $deadline }前答复。有要改的、要补充的，直接告诉我。
receipt-urgent = 已按紧急情况登记并通知值班人员：工单 { $number }，查询码 { $code }。
ticket-filed = 工作人员已为您登记“{ $service }”：工单 { $number }，查询码 { $code }，{ $department }办理，{ $deadline }前答复。

state = { $state ->
    [accepted] 已受理
    [dispatched] 已派单
    [signed] 办理中
    [returned] 正在重新派单
    [answered] 已答复
    [redo] 重办中
    [closed] 已办结
    [not_accepted] 不予受理
    [withdrawn] 已撤回
   *[other] 处理中
 }
status = 工单 { $number }（{ $service }）：{ state }。{ $open ->
    [true] { $overdue ->
        [true] { $department }还没按时答复，我可以帮您催办。
       *[other] { $department }正在办，{ $deadline }前答复您。
    }
   *[other] {""}
 }{ $answered ->
    [true] 答复：{ $answer }
   *[other] {""}
 }
ticket-none = 没找到您名下的工单。请把工单编号和查询码一起发给我。
ticket-unknown = 没查到 { $number }。请核对工单编号和查询码，一起发给我。
ticket-which = 您有{ $count }件工单，是哪一件？
urged = 已帮您催办 { $number }，提醒{ $department }抓紧，{ $deadline }前答复您。
urged-already = { $number } 今天已经催过了，{ $department }在办，{ $deadline }前答复您。着急的话可以回“转人工”。
urge-closed = { $number } 已经办完了，不用再催。如果没解决，回“没解决”，我帮您接着办。
add-what = 好，您要补充什么？文字、照片都行。
added = 已补充到工单 { $number }{ $photos ->
    [0] {""}
   *[other] （照片{ $photos }张）
 }，办理人员能看到。
add-closed = { $number } 已经办完，补充不进去了。如果没解决，回“没解决”；是新的事，直接说就行。
withdraw-sure = 确定要撤回工单{ $number }吗？撤回后部门就不再办了。
withdraw-kept = 好，不撤，继续办。
withdrawn = 已撤回 { $number }。以后有需要随时再找我。
withdraw-too-late = { $number } 已经不能撤回了。有别的情况，您告诉我。
ask-stars = 请给这次办理打个分（1–5星，5星最满意）：
rated = 收到，谢谢您的评价！
rated-already = { $number } 您已经评价过了，谢谢！
rated-sorry = 对不起，没让您满意。要不要请部门重新办理？
rate-too-early = { $number } 还在办，{ $deadline }前答复您。办完再请您评价。
not-solved-open = { $number } 还在办理中，我可以帮您催一催。
redo-started = 已请{ $department }重新办理 { $number }，{ $deadline }前答复您。
redo-still-open = { $number } 还没办完呢，{ $department }在办，{ $deadline }前答复您。
redo-impossible = { $number } 暂时不能重办。您回“转人工”，我请同事帮您看。

### 知识问答
answer = { $answer }{ $sourced ->
    [true] {" "}（依据：{ $source }）
   *[other] {""}
 }{ $linked ->
    [true] {" "}{ $links }
   *[other] {""}
 }
answer-none = 这个问题我手头没有现成的答复，帮您登记请{ $department }答复，好吗？
answer-later = 您问的这个我先记下，会一并转给部门答复。
feedback-yes = 能帮上忙就好！还有事随时说。
feedback-no = 谢谢您告诉我，我们会改进。

### 紧急情况
alarm = 【请马上拨打 { $call }】{ $advice }
alarm-advice = { $advice }
alarm-where = { $danger ->
    [self_harm] 您现在在哪里？身边有人吗？我们想尽快陪着您。
   *[other] 请告诉我具体位置，我马上转给值班人员。
 }
alarm-added = 已转给值班人员。有危险请先拨打 { $call }。
alarm-coming = 值班人员已经在处理了，请先注意安全。情况有变化随时告诉我。

### 人工
calm = 我明白您着急上火，换谁都一样。您说说是什么事，我尽力帮您办。
prank = 这条线是给急需帮助的市民留的，谢谢您的理解。真有事，随时说。
advertising = 这里是市民服务热线，不接收推广信息。
person-asked = 好的，这就给您转人工。
person-misunderstood = 是我没听明白，不让您多说了，这就请同事来帮您。
person-emergency = 我已请值班人员马上来看。有危险请先拨打 110、119 或 120。
person-anger = 您的心情我理解，让您受委屈了。您说的我都记着，马上请同事来跟您谈。
person-model-down = 让您久等了。您说的我都记着，这就请同事来帮您。
person-failed-turn = 刚才出了点问题，您说的没有丢，这就请同事来帮您。
person-unclear = 这件事我拿不准，请同事来帮您看看，您说的不用重复。
person-complex = 这件事请同事来帮您。
person-queue = 您排在第{ $position }位{ $minutes ->
    [0] ，请稍等。
    [1] ，马上就来。
   *[other] ，大约要等{ $minutes }分钟。
 }
person-limited = 这段时间先由我来帮您办，{ $until }以后才能再转人工。要办的事直接写给我，一件都不会漏；有危险请马上打110。
limited-slow = 您发得有点急，我慢慢看，大约每十分钟回您一次，每一条都会看到。这样到{ $until }为止；有危险请马上打110。
limited-block = 因为前面的一些话，{ $until }之前我先不回复了。您写的都会存好，要办的事到时接着办；有危险请马上打110，或者直接写给我。
joined = 您反映的情况和一张正在办的工单是同一件事，已经并进工单{ $number }（{ $service }），由{ $department }一起处理，请放心。
person-off-duty = { $known ->
    [true] 现在同事都不在岗，{ $opens }有人值班；也可以拨打 { $phone }。您把事情写在这里，我先登记，不会丢。
   *[other] 现在同事都不在岗，也可以拨打 { $phone }。您把事情写在这里，我先登记，不会丢。
 }
person-off-duty-filed = { $known ->
    [true] 现在同事都不在岗，{ $opens }有人值班；也可以拨打 { $phone }。您的事我先登记，不会丢。
   *[other] 现在同事都不在岗，也可以拨打 { $phone }。您的事我先登记，不会丢。
 }
ask-seat = 刚才同事的服务，您满意吗？请打个分（1–5星，5星最满意）：
seat-rated = 谢谢您的评价！想说点什么，直接写给我，我转给他们。
seat-rated-sorry = 对不起，没让您满意。哪里没做好，您直接写给我，我转给值班长。
seat-words-noted = 记下了，值班长会看到。谢谢您。
person-joined = { $name } 来为您服务了。
person-transferring = 正在为您转接另一位同事，前面说的都看得到，不用重复。
person-lost = 同事那边断线了，我马上请另一位同事接着帮您，前面说的都在。
person-left = 同事先离开了，我是小连，接着陪您。
continue-link = 一条短信说不清，请点这里接着说：{ $link }
person-closed = 这次服务结束了，谢谢您。有事随时再写给我。
queue-waiting = 收到，都给同事留着。您排在第{ $position }位{ $minutes ->
    [0] 。
    [1] ，马上就来。
   *[other] ，大约还要{ $minutes }分钟。
 }
queue-kept = 收到，都给同事留着。
queue-left = 好的，不排队了。有事直接跟我说。
nobody-came = 抱歉，同事暂时忙不过来。您把事情写下来，我先帮您登记。
nobody-came-filed = 抱歉，同事暂时忙不过来，您的事我先登记了：工单 { $number }，查询码 { $code }，{ $deadline }前答复您。
turn-failed = 刚才出了点问题，您说的没有丢，已请同事来处理。

### 按钮
choice-confirm = 没问题，提交
choice-change = 要修改
choice-cancel = 不办了
choice-skip = 跳过
choice-anonymous = 匿名
choice-person = 转人工
choice-none = 都不是
choice-file = 帮我登记
choice-no-need = 不用了
choice-report = 反映问题
choice-question = 问政策
choice-progress = 查进度
choice-urge = 帮我催一下
choice-solved = 解决了
choice-not-solved = 没解决
choice-redo = 重新办理
choice-helped = 有用
choice-not-helped = 没帮上
choice-withdraw = 确定撤回
choice-keep = 先不撤
choice-leave-queue = 不等了
choice-stars-1 = 很不满意
choice-stars-2 = 不满意
choice-stars-3 = 一般
choice-stars-4 = 满意
choice-stars-5 = 非常满意
