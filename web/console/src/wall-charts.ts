// The options of the wall's pictures. Colours come from the page, so light and dark are both right.
import type { EChartsCoreOption } from 'echarts/core';

import { t } from './i18n';
import type { Wall } from './state/wall';

export interface Paint {
  ink: string;
  faint: string;
  line: string;
  blue: string;
  amber: string;
  red: string;
  panel: string;
}

export function paint(): Paint {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: of('--ink'),
    faint: of('--ink-3'),
    line: of('--line'),
    blue: of('--blue'),
    amber: of('--amber'),
    red: of('--red'),
    panel: of('--raised'),
  };
}

const HOURS = Array.from({ length: 24 }, (_, hour) => `${hour}`);

function frame(colours: Paint): EChartsCoreOption {
  return {
    animationDuration: 300,
    textStyle: { fontFamily: 'inherit', fontSize: 14 },
    grid: { left: 8, right: 12, top: 36, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'axis',
      backgroundColor: colours.panel,
      borderColor: colours.line,
      textStyle: { color: colours.ink },
    },
    legend: { top: 0, right: 0, icon: 'roundRect', itemWidth: 14, itemHeight: 8, textStyle: { color: colours.faint, fontSize: 15 } },
  };
}

function axes(colours: Paint, names: string[]): EChartsCoreOption {
  return {
    xAxis: {
      type: 'category',
      data: names,
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
      axisLabel: { color: colours.faint, fontSize: 14 },
    },
    yAxis: {
      type: 'value',
      minInterval: 1,
      splitLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.faint, fontSize: 14 },
    },
  };
}

/** Bars of today up to now, the usual as a line; the running hour is lighter, because it is not over. */
export function arrivals(wall: Wall, colours: Paint): EChartsCoreOption {
  const { today, usual, hour } = wall.arrivals;
  const bars = today.map((value, at) =>
    at > hour ? null : { value, itemStyle: { color: colours.blue, opacity: at === hour ? 0.55 : 1 } },
  );
  const series: object[] = [
    { name: t('wall.today'), type: 'bar', data: bars, barMaxWidth: 30, itemStyle: { color: colours.blue, borderRadius: [3, 3, 0, 0] } },
  ];
  if (usual.length) {
    series.push({
      name: t('wall.usual'),
      type: 'line',
      data: usual,
      smooth: true,
      symbol: 'none',
      lineStyle: { color: colours.amber, width: 2.5, type: 'dashed' },
      itemStyle: { color: colours.amber },
    });
  }
  return { ...frame(colours), ...axes(colours, HOURS), series };
}

export function queueCurve(wall: Wall, colours: Paint): EChartsCoreOption {
  const names = wall.queue.curve.map((_, at) => {
    const minutes = (wall.queue.curve.length - 1 - at) * 2;
    return minutes ? t('wall.minutesAgo', { n: minutes }) : t('wall.now');
  });
  return {
    ...frame(colours),
    legend: { show: false },
    ...axes(colours, names),
    xAxis: {
      type: 'category',
      data: names,
      boundaryGap: false,
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
      axisLabel: { color: colours.faint, fontSize: 14, interval: 4 },
    },
    grid: { left: 8, right: 28, top: 12, bottom: 4, containLabel: true },
    series: [
      {
        id: 'queue',
        name: t('wall.waiting'),
        type: 'line',
        step: 'end',
        symbol: 'none',
        data: wall.queue.curve,
        lineStyle: { color: colours.red, width: 2.5 },
        itemStyle: { color: colours.red },
        areaStyle: { color: colours.red, opacity: 0.16 },
      },
    ],
  };
}
