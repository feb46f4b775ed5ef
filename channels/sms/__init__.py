"""SMS, one file a provider. A new one is one more file, its tests, and a line where channels are wired."""

from channels.sms.aliyun import Aliyun, AliyunConfig
from channels.sms.tencent import Tencent, TencentConfig
from channels.sms.twilio import Twilio, TwilioConfig

__all__ = ["Aliyun", "AliyunConfig", "Tencent", "TencentConfig", "Twilio", "TwilioConfig"]
