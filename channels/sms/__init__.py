"""SMS, one file a provider. A new one is one more file, its tests, and a line where channels are wired."""

from channels.sms import aliyun, tencent, twilio
from channels.sms.aliyun import Aliyun, AliyunConfig
from channels.sms.tencent import Tencent, TencentConfig
from channels.sms.twilio import Twilio, TwilioConfig

NAMES = (aliyun.NAME, tencent.NAME, twilio.NAME)

__all__ = ["NAMES", "Aliyun", "AliyunConfig", "Tencent", "TencentConfig", "Twilio", "TwilioConfig"]
